"""The card of models/moderation-text: what it is, what it was trained on, and what was measured."""

from pathlib import Path

from .prompt_classifier import HIDDEN, LABELS, WIDTH
from .prompt_data import CATEGORIES
from .prompt_features import BUCKET_BITS, CHARACTERS, STRIDE, WINDOW

SETS = {
    "drawn": "harmless prompts drawn with another seed, near misses among them",
    "glosses": "WordNet's glosses that were not trained on",
    "words": "WordNet's words and short phrases that were not trained on",
    "near_misses": "the shipped near misses (`apps/moderator/data/benign`), none of which was trained on",
}


def write_card(figures: dict, thresholds: list, path: Path) -> None:
    """Writes the card from the figures of `train_moderation.measure`."""
    facts = figures["training"]
    share = lambda part, whole: f"{part} of {whole:,} ({100 * part / max(1, whole):.{3 if whole > 2000 else 1}f} %)"
    refusals = "\n".join(f"| {SETS[name]} | {share(one['refused'], one['texts'])} |" for name, one in figures["over_refusal"].items())
    drawn, plain, oblique = (figures["recall"][name] for name in ("drawn", "plain", "oblique"))
    rows = "\n".join(
        f"| `{name}` | {', '.join('-' if t is None else f'{t:g}' for (of, _), t in zip(LABELS, thresholds) if of == name)} | "
        f"{share(drawn[name]['own'], drawn[name]['prompts'])} | {plain[name]['any']} of {plain[name]['prompts']} | "
        f"{oblique[name]['any']} of {oblique[name]['prompts']} |"
        for name in CATEGORIES)
    path.write_text(f"""# moderation-text: a small classifier of prompts

For each of eight categories it gives the probabilities that a prompt is at least of severity 1, 2 and 3. The moderator asks it about every prompt, beside its rules. `train.py moderation`
in [tools/train](../../tools/train) writes every file here; nothing in it came from elsewhere but WordNet.

| | |
| --- | --- |
| Input | `features`: int64 [batch, length]: n-grams of {CHARACTERS[0]} to {CHARACTERS[1]} characters, words and pairs of words, hashed by FNV-1a to {BUCKET_BITS} bits (`prompt_features.py`; `HashedNgrams` in `libs/onnx-pipeline`), padded with 0 |
| Output | `probabilities`: float32 [batch, {len(LABELS)}], in the order of `config.json`'s `labels` |
| Graph | mean of {WIDTH}-wide embeddings, layer norm, {HIDDEN} hidden units; half-precision weights, single-precision arithmetic |
| Long prompts | windows of {WINDOW} words, every {STRIDE} words; the highest probability counts |

## Data
- **Meaning**: the embeddings first learn from WordNet 3.0 (Debian's `wordnet-base`; its licence is `LICENSE-WordNet`) which words and definitions mean the same.
- **Prompts**: {facts["drawn"]:,} drawn from the grammars in `tools/train/prompts`, written for this purpose: {facts["harmful"]:,} that ask for harm, short and not graphic, the rest ordinary ones and near misses;
  English mostly, some Spanish, French, German, Italian and Portuguese. Seeds {facts["seeds"][0]} (training), {facts["seeds"][1]} (calibration) and {facts["seeds"][2]} (test).
- **Background**: {facts["glosses"]:,} glosses and {facts["words"]:,} words of WordNet as harmless text, those with words of plain harm left out.

Thresholds are the lowest at which almost none of {facts["calibration"]:,} harmless texts of the calibration is found (`prompt_calibration.py`).

## Measured
At the shipped thresholds (`measured.json`), by this classifier alone, without the rules. Harmless texts that it would refuse:

| set | refused |
| --- | --- |
{refusals}

Harmful prompts of a severity that is refused. Those of `apps/moderator/data/paraphrases.jsonl` were written by hand when the grammars of harm were done, the plain ones after training, by the same author; none was trained or calibrated on. Plain ones say it as people do, and the rules find some of them too; oblique ones avoid the rules' terms and most others.
The drawn ones share the grammars of the training, so that figure says only that training worked. What real requests look like lies somewhere between.

| category | thresholds of severity 1, 2, 3 | drawn, found as this category | plain, refused as any | oblique, refused as any |
| --- | --- | --- | --- | --- |
{rows}

## Limits
- It knows what its grammars' author thought of, and what WordNet holds to mean the same. Many paraphrases pass, as the last column says.
- All its measurements but the near misses and paraphrases are on drawn text. Real prompts differ; over-refusal on them was not measured here. Failures on the near misses and on `libs/testing`'s ordinary prompts were looked at, and harmless templates of their kind added; of the rows themselves none was trained on.
- A paraphrase set of before, plainer than this one, was looked at while the grammars of harm were widened, so it measures nothing any more and is gone.
- It weighs words and pairs of words, not sentences: "without" or "instead of" mean little to it.
- Languages but the six above, and scripts but Latin, are unknown to it: it finds nothing there.
- Probabilities are calibrated for few false alarms, not to be read as odds.
""", "utf8")
