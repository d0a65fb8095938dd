"""What the nano recipes measured, as cards say it: file, hash and score come from the report beside the weights.

So a card can't say anything else than what was measured.
"""

import json

from course_lib.data_dir import data_dir


def nano_offer(model_id: str) -> dict:
    """Return what a card needs to offer a nano model's weights, as a table of `Weights`.

    Args:
        model_id: for instance "resnet_nano".

    Returns:
        The table; empty where the recipe has not been run yet.
    """
    report = read_report(model_id)
    if not report:
        return {}
    return {
        "source": "nano",
        "format": "ours",
        "file": report["file"],
        "hash": f"sha256:{report['sha256']}",
        "bytes": report["bytes"],
        "licence": "Apache-2.0 (this course)",
        "project": "this course",
        "facts": [_score(report), *_further(report), *_beside(report)],
    }


def read_report(model_id: str) -> dict:
    """Return the report of a nano model's training as `training.nano.Report` saved it; empty where there is none."""
    path = data_dir() / "weights" / f"{model_id}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _further(report: dict) -> list[dict]:
    """Return what else was measured, each with its spread over the held-out sets."""
    return [
        {
            "name": f"{name}, %",
            "value": round(100 * sum(scores) / len(scores), 1),
            "spread": round(50 * (max(scores) - min(scores)), 1),
            "how": "measured",
            "source": f"data/weights/{report['model_id']}.json",
        }
        for name, scores in report.get("further", {}).items()
    ]


def _beside(report: dict) -> list[dict]:
    """Return what the scores are held against, in plain numbers."""
    return [
        {
            "name": name,
            "value": round(sum(numbers) / len(numbers), 4),
            "spread": round((max(numbers) - min(numbers)) / 2, 4),
            "how": "measured",
            "source": f"data/weights/{report['model_id']}.json",
        }
        for name, numbers in report.get("beside", {}).items()
    ]


def _score(report: dict) -> dict:
    unit = report.get("unit", "%")
    scale = 100 if unit else 1
    repeats = {seed: f"{scale * repeat['score']:.1f}" for seed, repeat in report["repeats"].items()}
    others = "; ".join(f"seed {seed} gave {score}" for seed, score in repeats.items())
    return {
        "name": report["measure"] + (f", {unit}" if unit else ""),
        "value": round(scale * report["mean"], 1),
        "spread": round(scale * report["spread"], 1),
        "how": "measured",
        "source": f"course pretrain {report['model_id']}; data/weights/{report['model_id']}.json",
        "note": others or "spread over the held-out sets, one seed",
    }
