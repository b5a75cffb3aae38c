"""The ground of every definition: closed models, and a choice of one kind among many."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from drillmaster.definitions.describe import describe

SCHEMA = "drillmaster/v1"

NAME_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
SELECTOR_PATTERN = r"^[A-Za-z0-9./_-]+=[A-Za-z0-9._-]+(,[A-Za-z0-9./_-]+=[A-Za-z0-9._-]+)*$"
REFERENCE_PATTERN = r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$"

Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
"""A name: lower-case letters, digits and dashes, at most 63 (a DNS label, as in Kubernetes)."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=1024, strip_whitespace=True)]
"""A line for people."""

SecretRef = Annotated[str, StringConstraints(pattern=REFERENCE_PATTERN)]
"""Where a secret lies: `env:NAME` or `file:PATH`; never the secret itself."""


def located(message: str, *at: str | int) -> PydanticCustomError:
    """The error of a validator that knows which value below its own is wrong.

    `at` are the keys from the validator's model down to that value, as they are written
    in files, so that the message can name its line.
    """
    return PydanticCustomError("located", "{message}", {"message": message, "at": list(at)})


class Model(BaseModel):
    """A closed model: an unknown key is an error, and a loaded value does not change.

    Strict, because a `true` that is read as 1 is no count. Built at the first use, because
    most commands need few of the models.
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        defer_build=True,
        json_schema_extra=describe,
        populate_by_name=True,
        serialize_by_alias=True,
    )

    prose: ClassVar[frozenset[str]] = frozenset()
    """Fields that hold a text for people, which may quote templates of other tools."""


class Definition(Model):
    """A file that people write: what it is and its name."""

    schema_: Literal["drillmaster/v1"] = Field(alias="schema")
    """The version of the format; `drillmaster/v1`."""
    name: Name
    """Its name, by which other files and commands call it."""


class OneOf(Model):
    """Exactly one of several kinds, written as `kind: {…}`.

    Each optional field that is not listed in `common` is a kind. Kinds are fields,
    rather than a tag, so that an error names the key that the user wrote.
    """

    common: ClassVar[frozenset[str]] = frozenset()
    """Fields that stand beside the kind and are none."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = self._given()
        if len(given) != 1:
            kinds = ", ".join(sorted(map(self.written, self.kinds())))
            have = " and ".join(map(self.written, given)) or "none"
            raise ValueError(f"exactly one of {kinds} is needed; {have} given")
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler.resolve_ref_schema(handler(core_schema))
        schema["oneOf"] = [{"required": [cls.written(kind)]} for kind in cls.kinds()]
        return schema

    @classmethod
    def kinds(cls) -> list[str]:
        """The names of all kinds' fields."""
        return [name for name in cls.model_fields if name not in cls.common]

    @classmethod
    def written(cls, field: str) -> str:
        """How a field is written in files."""
        return cls.model_fields[field].alias or field

    def _given(self) -> list[str]:
        return [name for name in self.kinds() if getattr(self, name) is not None]

    @property
    def kind(self) -> str:
        """The kind that was given, as it is written in files."""
        (name,) = self._given()
        return self.written(name)

    @property
    def body(self) -> Any:  # the kind's own model; callers know which
        """What stands under the kind."""
        (name,) = self._given()
        return getattr(self, name)
