"""From a document to a model, or to problems that name the lines.

pydantic says where in the model an error is; the user wants to know where in the file.
An error of each branch of a union is one problem to the user.
"""

from collections.abc import Container
from dataclasses import replace
from itertools import groupby
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from drillmaster.definitions.base import Model
from drillmaster.definitions.errors import DefinitionError, Problem, closest, did_you_mean, listed
from drillmaster.definitions.positions import Document, Keys
from drillmaster.definitions.shape import allowed_keys
from drillmaster.definitions.wording import Words, merged, words_for

M = TypeVar("M", bound=Model)


def validate(document: Document, model: type[M], at: Keys = ()) -> M:
    """The model of what stands in a document at some keys.

    Raises:
        DefinitionError: it does not fit; every problem with its place.
    """
    data = document.value(at)
    if not isinstance(data, dict):
        empty = "is empty" if data is None else "must be a mapping of keys to values"
        raise DefinitionError([document.problem(at, empty)])
    try:
        return model.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        found = error.errors(include_url=False)
    raise DefinitionError(_Translation(document, model, data, at).problems(found))


def validate_again(model: type[M], data: Any, document: Document | None) -> M:
    """A model from data that was one before it was changed.

    Raises:
        DefinitionError: it does not fit any more; with places where the document is known.
    """
    places = document or Document(None, data, {}, {})
    return validate(replace(places, data=data), model)


class _Translation:
    """The errors of one validation, as problems."""

    def __init__(self, document: Document, model: type[Model], data: Any, at: Keys) -> None:
        self._document, self._model, self._data, self._at = document, model, data, at
        self._meant: set[Keys] = set()
        """Missing keys that stand there with a spelling mistake."""

    def problems(self, errors: list[ErrorDetails]) -> list[Problem]:
        unknown = [self._unknown(e) for e in errors if e["type"] == "extra_forbidden"]
        missing = [self._missing(e) for e in errors if e["type"] == "missing"]
        others = [e for e in errors if e["type"] not in ("extra_forbidden", "missing")]
        others.sort(key=lambda e: _sortable(self._real(e)))
        wrong = [self._wrong(keys, list(same)) for keys, same in groupby(others, key=self._real)]
        return [*unknown, *[problem for problem in missing if problem], *wrong]

    def _unknown(self, error: ErrorDetails) -> Problem:
        keys = self._real(error)
        known = allowed_keys(self._model, keys[:-1])
        meant = closest(str(keys[-1]), known)
        if meant:
            self._meant.add((*keys[:-1], meant))
        hint = did_you_mean(str(keys[-1]), known) or f"known here: {listed(sorted(known))}"
        return self._problem(keys, Words("unknown key", hint), rule="unknown-key", of_key=True)

    def _missing(self, error: ErrorDetails) -> Problem | None:
        keys = (*self._real(error), error["loc"][-1])
        if keys in self._meant:
            return None
        return self._problem(keys, Words("is missing"), rule="missing-key", of_key=True)

    def _wrong(self, keys: Keys, errors: list[ErrorDetails]) -> Problem:
        of_key = errors[0]["loc"][-1:] == ("[key]",)
        words = merged([words_for(error) for error in errors], errors[0]["input"])
        return self._problem(keys, words, of_key=of_key)

    def _problem(
        self, keys: Keys, words: Words, rule: str = "wrong-value", *, of_key: bool = False
    ) -> Problem:
        return self._document.problem(
            (*self._at, *keys), words.message, words.hint, rule=rule, of_key=of_key
        )

    def _real(self, error: ErrorDetails) -> Keys:
        """The keys of an error that stand in the data: the names of union branches and of
        keys that are missing do not. A validator may know a place below its own."""
        below = error.get("ctx", {}).get("at", [])
        keys: list[str | int] = []
        here = self._data
        for key in (*error["loc"], *below):
            if key in _keys(here):
                keys.append(key)
                here = here[key]
        return tuple(keys)


def _keys(value: Any) -> Container[str | int]:
    """The keys of a value; a text has none, although a part of it is in it."""
    if isinstance(value, list):
        return range(len(value))
    return value if isinstance(value, dict) else ()


def _sortable(keys: Keys) -> list[tuple[str, int]]:
    return [("", key) if isinstance(key, int) else (key, 0) for key in keys]
