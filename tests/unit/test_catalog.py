"""Cards: what exists, with sources, and no family listed by hand."""

import dataclasses

import pytest

from course_lib import catalog, zoo
from course_lib.catalog import reader
from course_lib.catalog.cards import GRADES, RUN, Fact
from course_lib.cli import main
from course_lib.errors import BadInput, CourseError
from course_lib.loading import build, open_pretrained
from course_lib.media.world import PRETRAIN_CLASSES
from course_lib.weights.labels import class_names
from course_lib.weights.preprocess import CONVENTIONS
from course_lib.weights.sources import source

HEAR = ("listen", "vocode", "generate")  # tasks that read neither pixels nor letters
CARDS = [catalog.card(model_id) for model_id in catalog.list_models()]


def test_list_takes_a_pattern_and_a_task():
    assert "resnet50" in catalog.list_models("resnet*")
    assert not any(model_id.startswith("resnet") for model_id in catalog.list_models("efficientnet*"))
    assert catalog.list_models(task="no such task") == []


@pytest.mark.parametrize(
    ("wrong", "near"), [("resnet-51", "resnet50"), ("ResNet50", "resnet50"), ("mobilenetv2", "mobilenet_v2")]
)
def test_unknown_model_suggests_the_nearest(wrong, near):
    with pytest.raises(BadInput, match=near):
        catalog.card(wrong)


@pytest.mark.parametrize("wrong", [None, 3, "", "x" * 1000])
def test_what_is_no_model_id_gives_one_sentence(wrong):
    with pytest.raises(BadInput):
        catalog.card(wrong)


def test_cards_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        CARDS[0].params = 1


def test_a_fact_is_quoted_or_measured():
    with pytest.raises(ValueError, match="quoted"):
        Fact("accuracy", 1.0, "nowhere", how="guessed")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[models.x\n", "line 1"),
        ("[shared.nano]\n", "'models' is missing"),
        ('[models.x]\nweights = ["official"]\n', "'official' is missing"),
        ("[models.x]\ncolour = 'blue'\n", "colour"),
        ("models = 3\n", "items"),
    ],
)
def test_a_wrong_card_is_named_with_its_file(text, what, tmp_path, monkeypatch):
    (tmp_path / "wrong.toml").write_text(text)
    monkeypatch.setattr(reader, "FAMILIES", tmp_path)
    with pytest.raises(CourseError, match=f"wrong.toml.*{what}.*Mend"):
        reader._cards.__wrapped__()


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.id)
def test_every_card_is_complete(card):
    assert card.id in zoo.family(card.family).CONFIGS
    assert card.weights, "a model without any weights teaches nothing"
    assert [GRADES.index(o.grade) for o in card.weights] == sorted(
        GRADES.index(o.grade) for o in card.weights
    )
    assert all(fact.source and fact.how for fact in card.facts)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.id)
def test_every_offer_can_be_used(card):
    for offer in card.weights:
        assert offer.model in zoo.family(card.family).CONFIGS
        reads = offer.tokenizer or card.task in HEAR or offer.format in RUN
        assert offer.normalise in CONVENTIONS if offer.normalise else reads
        assert offer.licence
        assert offer.trained_on
        assert callable(source(offer.source).find)
        assert offer.url or offer.package or offer.grade == "nano"


def test_every_configuration_of_the_zoo_has_a_card():
    known = set(catalog.list_models())
    for family in {card.family for card in CARDS}:
        assert set(zoo.family(family).CONFIGS) <= known


def test_nano_labels_are_the_classes_of_the_world():
    offer = next(o for o in catalog.card("resnet_nano").weights if o.grade == "nano")
    assert class_names(offer.labels) == PRETRAIN_CLASSES


def test_what_is_only_told_of_has_a_card_but_is_not_listed_or_loaded(capsys, monkeypatch):
    told = catalog.card("yolo_v7")
    assert told.told_only
    assert {fact.value for fact in told.facts} >= {36.9, 51.2}
    assert "yolo_v7" not in catalog.list_models()
    for use in (open_pretrained, build):
        with pytest.raises(BadInput, match="course info yolo_v7"):
            use("yolo_v7")
    monkeypatch.setattr("sys.argv", ["course", "info", "yolo_v7"])
    with pytest.raises(SystemExit, match="0"):
        main()
    assert "51.2 (quoted" in capsys.readouterr().out


@pytest.mark.parametrize(
    "card", [card for card in CARDS if card.task == "generate"], ids=lambda card: card.id
)
def test_what_reads_no_picture_says_nothing_of_preprocessing(card):
    assert {offer.normalise for offer in card.weights} == {""}
