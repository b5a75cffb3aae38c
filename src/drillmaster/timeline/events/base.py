"""What every event tells."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class Event(BaseModel):
    """What every event tells."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    occurred_at: datetime
    """When it happened, by the source nearest to the fact; UTC."""
    observed_at: datetime
    """When Drillmaster saw it; UTC."""
    source: str
    """Who says so: `supervisor`, `runner`, `watchdog`, `reaper`, `oncall`, `target`, …"""
    precision: float = Field(ge=0)
    """Half the width, in seconds, of the interval around `occurred_at` in which it happened."""
