"""The dataset card."""

from collections.abc import Mapping, Sequence
from statistics import mean, median

from jinja2 import Environment, StrictUndefined

from df8k.curation.splits import SPLITS
from df8k.storage.description import Description

from .facts import Facts
from .markdown import cell

_TEMPLATE = """\
---
pretty_name: {{ d.name }} {{ d.version }}
task_categories:
- image-to-image
tags:
- inpainting
- ultra-high-definition
- df8k
size_categories:
- {{ size_category }}
configs:
- config_name: default
  drop_labels: true
  data_files:
{%- for split in splits %}
  - split: {{ split }}
    path: {{ split }}/**
{%- endfor %}
---

# {{ d.name }} {{ d.version }}

Photographs for ultra-high-definition image inpainting, with fixed free-form masks for the test split.
Built with df8k {{ d.tools.df8k }}. Fingerprint: `{{ d.fingerprint }}`.

## Composition

| split | images |
|---|---:|
{%- for split, count in d.counts.items() %}
| {{ split }} | {{ count }} |
{%- endfor %}

| size | width | height | megapixels |
|---|---:|---:|---:|
{%- for name, w, h, mp in sizes %}
| {{ name }} | {{ w }} | {{ h }} | {{ "%.1f" | format(mp) }} |
{%- endfor %}

| decision on a candidate | files |
|---|---:|
{%- for verdict, count in d.decisions.items() %}
| {{ verdict }} | {{ count }} |
{%- endfor %}

| source | images |
|---|---:|
{%- for name, count in sources %}
| {{ name }} | {{ count }} |
{%- endfor %}

`manifest.parquet` lists every candidate with its decision and reason. `DATASHEET.md` answers the questions of
"Datasheets for Datasets" as far as the build can, and marks those that are the maker's to answer.
{%- if person %} Persons were looked for
with the detector `{{ person }}`.
{%- endif %}
{%- if facts.uncertain %} Of the kept images, {{ facts.uncertain }} are uncertain (column `doubt`).{% endif %}
{% for file, title in figures.items() %}
![{{ title }}](figures/{{ file }})
{%- endfor %}

## Masks

{% if coverages -%}
Preset `{{ d.configuration.preset }}`. Each test image has a mask of the whole image, drawn from (dataset
version, image ID), and one for its centre square and for 16:9, each inside the preset's band.
Missing pixels: {{ "%.1f" | format(100 * coverages.low) }} % to {{ "%.1f" | format(100 * coverages.high) }} %,
mean {{ "%.1f" | format(100 * coverages.mean) }} %, of the whole images. PNG: 255 = missing, 0 = known. The
vectors stand in `metadata.parquet` (`mask_json`, `mask_1x1_json`, `mask_16x9_json`) and give the same
shapes at every size.
{%- else -%}
There is no test image, so there are no masks.
{%- endif %}

## Licences

Each image keeps its source's licence (columns `licence`, `author`, `origin`).

| licence as stated by the source | images |
|---|---:|
{%- for name, count in licences %}
| {{ name }} | {{ count }} |
{%- endfor %}

## Load and verify

```python
import datasets
test = datasets.load_dataset("{{ d.name }}", split="test")   # the path of this folder
```

```sh
df8k verify {{ d.name }}
```

## About the size of DF8K-Inpainting

The paper (RETHINED, WACV 2025) states 2,850 images split 70/10/20 (train/validation/test, 1,995/285/570).
A public listing of its released mask archive names 450 test masks, 345 for DF2K and 105 for CAFHQ.
This dataset's own counts are in the table above.
"""


def card(description: Description, facts: Facts, figures: Mapping[str, str]) -> str:
    """Write the text of the dataset card, Markdown with a YAML head that Hugging Face reads.

    Args:
        description: content of ``df8k.json``.
        facts: of the dataset.
        figures: file name in the folder ``figures`` → what it shows.
    """
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701 - Markdown, escaped by `cell`
    total = sum(description.counts.values())
    person = description.configuration.checks["person"]
    return environment.from_string(_TEMPLATE).render(
        d=description,
        facts=facts,
        figures=figures,
        person="" if person.get("off") else cell(person["detector"]),
        splits=[name for name in SPLITS if description.counts.get(name)],
        size_category=_size_category(total),
        sizes=_size_rows(list(facts.sizes)),
        sources=[(cell(name), count) for name, count in sorted(facts.sources.items())],
        licences=[(cell(name), count) for name, count in sorted(facts.licences.items())],
        coverages=_spread(facts.coverages),
    )


def _size_category(total: int) -> str:
    for limit, name in ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K")):
        if total < limit:
            return name
    return "100K<n<1M"


def _size_rows(sizes: list[tuple[int, int]]) -> list[tuple[str, int, int, float]]:
    by_pixels = sorted(sizes, key=lambda size: size[0] * size[1])
    rows = [
        ("smallest", *by_pixels[0]),
        ("median", *by_pixels[len(by_pixels) // 2]),
        ("largest", *by_pixels[-1]),
    ]
    return [(name, width, height, width * height / 1e6) for name, width, height in rows]


def _spread(coverages: Sequence[float]) -> dict[str, float] | None:
    if not coverages:
        return None
    return {
        "low": min(coverages),
        "high": max(coverages),
        "mean": mean(coverages),
        "median": median(coverages),
    }
