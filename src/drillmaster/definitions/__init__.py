"""What people write: drills, environments, access profiles and runbooks."""
