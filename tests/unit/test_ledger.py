"""The ledger: every model in one row, recounted on demand, and figures that go around held against the sources."""

import dataclasses
import json

import pytest

from course_lib import catalog
from course_lib.catalog import ledger, reader
from course_lib.cli import facts as cli_facts
from course_lib.errors import CourseError


def test_every_full_size_model_has_a_row_and_no_nano_has():
    rows = {row.model: row for row in ledger.ledger()}
    nano = {row.model for row in ledger.nano_ledger()}
    assert rows["resnet50"].top1 == 74.9
    assert rows["resnet50"].released
    assert not nano & set(rows)
    assert nano | set(rows) <= set(catalog.list_models())


def test_rows_come_in_the_order_of_their_years():
    years = [row.year for row in ledger.ledger()]
    assert years == sorted(years)


def test_a_nano_row_says_what_its_report_says():
    row = next(row for row in ledger.nano_ledger() if row.model == "resnet_nano")
    report = catalog.reports.read_report("resnet_nano")
    assert row.score == pytest.approx(100 * report["mean"], abs=0.051)
    assert row.params == catalog.card("resnet_nano").params
    assert row.core_seconds > 1


def test_the_nano_table_compares_what_was_measured_alike():
    assert all(catalog.card(row.model).task == "classify" for row in ledger.nano_ledger())
    assert {"coca_nano", "omnivec_nano", "resnet_nano_fashion"} <= {*catalog.list_models()} - {
        row.model for row in ledger.nano_ledger()
    }


def test_claims_name_models_that_exist_and_their_sources():
    for claim in ledger.claims():
        assert claim.truth
        assert claim.source
        if claim.model in catalog.list_models():
            assert catalog.card(claim.model).year == pytest.approx(claim.year, abs=1)


def test_check_counts_again(monkeypatch, capsys):
    cli_facts.facts("resnet_nano", check=True)
    assert "1 models counted again" in capsys.readouterr().out
    card = catalog.card("resnet_nano")
    wrong = {**reader._cards(), "resnet_nano": dataclasses.replace(card, params=card.params + 1)}
    monkeypatch.setattr(reader, "_cards", lambda: wrong)
    with pytest.raises(CourseError, match="177,029"):
        cli_facts.facts("resnet_nano", check=True)


def test_json_is_for_programs(capsys):
    cli_facts.facts("resnet*", as_json=True)
    assert {row["model"] for row in json.loads(capsys.readouterr().out)} >= {"resnet50", "resnet152"}
    cli_facts.facts(nano=True, as_json=True)
    assert all(row["params"] < 500_000 for row in json.loads(capsys.readouterr().out))
