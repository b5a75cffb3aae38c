"""Migrations of the store's tables, with Alembic."""
