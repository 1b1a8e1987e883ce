"""The interface against its own description, by Schemathesis: no 500, nothing undescribed."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from tests.service.conftest import Client

from hdalr.service.app import create_app
from hdalr.service.settings import Settings

schemathesis = pytest.importorskip("schemathesis", reason="needs the extra dev")
from schemathesis.specs.openapi.checks import (  # noqa: E402
    negative_data_rejection,
    positive_data_acceptance,
)

N_EXAMPLES = 40  # of requests an operation
# A description cannot say which bytes are a picture, or which text is a pattern.
EXCLUDED = [positive_data_acceptance, negative_data_rejection]


OPERATIONS = (
    ("POST", "/v1/read"),
    ("POST", "/v1/read/batch"),
    ("POST", "/v1/feedback"),
    ("GET", "/v1/feedback/{id}"),
    ("DELETE", "/v1/feedback/{id}"),
    ("GET", "/v1/models"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
)


@pytest.fixture(scope="module")
def interface(server: Client):
    return schemathesis.openapi.from_url(f"{server.base}/openapi.json")


@pytest.mark.parametrize("mode", ["positive", "negative"])
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_as_described(interface, method: str, path: str, mode: str) -> None:
    operation = interface[path][method]
    kind = schemathesis.GenerationMode(mode)
    if mode == "negative" and not operation.body:
        pytest.skip("takes nothing but a text in its path")

    @given(operation.as_strategy(generation_mode=kind))
    @settings(
        max_examples=N_EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def ask(case) -> None:
        case.call_and_validate(excluded_checks=EXCLUDED)

    ask()


def test_all_operations_are_asked(interface) -> None:
    described = {
        (operation.method.upper(), operation.path)
        for operation in (result.ok() for result in interface.get_all_operations())
    }
    assert described == set(OPERATIONS)


def test_the_description_has_examples_and_no_foreign_shapes(server: Client) -> None:
    content = server("GET", "/openapi.json").json()
    assert content["openapi"].startswith("3.1")
    assert "HTTPValidationError" not in str(content)
    places = set(content["paths"])
    assert {"/v1/read", "/v1/read/batch", "/v1/feedback", "/v1/models", "/readyz"} <= places
    for path in content["paths"].values():
        for operation in path.values():
            assert operation["summary"]
            failures = [code for code in operation["responses"] if code >= "400"]
            for code in failures:
                assert set(operation["responses"][code]["content"]) == {"application/problem+json"}
    fields = content["components"]["schemas"]["ReadingShape"]["properties"]
    assert fields["text"]["examples"]


def test_without_a_database_corrections_are_not_described() -> None:
    assert "/v1/feedback" not in create_app(Settings()).openapi()["paths"]
