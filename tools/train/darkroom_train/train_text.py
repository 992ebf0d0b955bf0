"""Trains the text encoder to tell a scene's facts from its caption; the transformer then finds them ready to use.

A text encoder trained only through the transformer's loss learns very slowly at this scale, so it is trained here
and then frozen.
"""

import argparse
import random
import time
from functools import lru_cache

import torch
from torch import Tensor

from .captions import make_caption, mentioned_scene
from .facts import EMPTY, FactHeads, facts_accuracy, facts_loss, scene_facts
from .paths import work_path
from .scenes import make_scene, stable_hash
from .text_encoder import WINDOW, TextEncoder, pad_tokens
from .tokenizer import SPECIAL_TOKENS, Tokenizer, load_tokenizer
from .training import (
    CHECKPOINT_SECONDS, Log, StopSignal, WeightAverage, decay_factor, parse_until, save_atomically, set_threads,
)

EMPTY_SHARE = 0.02
# Batches are either all short or all long, so that short captions are not padded to long ones.
LONG_BATCH_SHARE = 0.15
# Random words in some captions teach the encoder to read past what it does not know.
NOISE_SHARE = 0.2


def add_noise_words(rng: random.Random, tokenizer: Tokenizer, ids: list) -> list:
    """Inserts one to three random tokens that no caption uses for its facts at the ends or between words."""
    ids = list(ids)
    for _ in range(rng.choice((1, 1, 2, 3))):
        ids.insert(rng.choice((1, len(ids) - 1, rng.randint(1, len(ids) - 1))), rng.choice(noise_tokens(tokenizer)))
    return ids


@lru_cache(maxsize=1)
def noise_tokens(tokenizer: Tokenizer) -> tuple:
    """Returns the ids of tokens that no plain caption contains."""
    used = set()
    for index in range(20_000):
        used.update(tokenizer.encode(make_caption(make_scene(2, index), 2, index, filler_share=0.0)))
    return tuple(set(range(len(SPECIAL_TOKENS), len(tokenizer.vocabulary))) - used)


def caption_batch(tokenizer: Tokenizer, seed: int, first: int, count: int, long: bool, held_out: bool = False,
                  noise_share: float = 0.0) -> tuple:
    """Returns input_ids and attention_mask [count, sequence] and facts [count, facts] of scenes first .. first+count-1."""
    tokens, facts = [], []
    for index in range(first, first + count):
        if random.Random(index).random() < EMPTY_SHARE:
            tokens.append(tokenizer.encode(""))
            facts.append(EMPTY)
            continue
        scene = make_scene(seed, index, held_out)
        ids = tokenizer.encode(make_caption(scene, seed, index, filler_share=1.0 if long else 0.0))
        rng = random.Random(stable_hash("noise", seed, index))
        tokens.append(add_noise_words(rng, tokenizer, ids) if rng.random() < noise_share else ids)
        facts.append(scene_facts(mentioned_scene(scene, seed, index)))
    # Up to one window, padding further than the longest caption changes nothing but the cost.
    multiple = WINDOW if max(map(len, tokens)) > WINDOW else 8
    return (*pad_tokens(tokens, multiple), torch.tensor(facts))


@torch.no_grad()
def measure(encoder: TextEncoder, heads: FactHeads, tokenizer: Tokenizer, held_out: bool, count: int = 512) -> dict:
    """Returns the accuracy of each fact on captions of another seed."""
    encoder.eval()
    input_ids, attention_mask, facts = caption_batch(tokenizer, 998, 0, count, False, held_out)
    accuracy = facts_accuracy(heads(*encoder(input_ids, attention_mask)), facts)
    encoder.train()
    return accuracy


def learning_rate_groups(encoder: TextEncoder, heads: FactHeads, lr: float) -> list:
    """Returns parameter groups; embeddings move faster, as each is seen seldom."""
    embedding = [encoder.embedding.weight, encoder.queries]
    special = {id(p) for p in embedding}
    rest = [p for p in [*encoder.parameters(), *heads.parameters()] if id(p) not in special]
    return [{"params": rest, "base": lr}, {"params": embedding, "base": lr * 5}]


def token_loss(encoder: TextEncoder, heads: FactHeads, batch: tuple) -> Tensor:
    """Returns the loss of one batch of captions."""
    input_ids, attention_mask, facts = batch
    return facts_loss(heads(*encoder(input_ids, attention_mask)), facts)


def main(arguments: list) -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="train text", description=__doc__)
    parser.add_argument("--until", required=True, help="end, HH:MM or +MINUTES; the learning rate decays to zero by then")
    parser.add_argument("--batch", type=int, default=96)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--decay-share", type=float, default=0.5)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    set_threads(options.threads)
    torch.manual_seed(0)

    tokenizer = load_tokenizer(work_path("tokenizer", "tokenizer.json"))
    encoder, heads = TextEncoder(len(tokenizer.vocabulary)), FactHeads()
    optimizer = torch.optim.AdamW(learning_rate_groups(encoder, heads, options.lr), lr=options.lr, betas=(0.9, 0.98), weight_decay=0.01)
    average = WeightAverage(encoder, 0.99)
    path, step = work_path("checkpoints", "text.pt"), 0
    if path.exists():
        state = torch.load(path)
        encoder.load_state_dict(state["model"])
        # A checkpoint restored from an export has neither.
        if "heads" in state:
            heads.load_state_dict(state["heads"])
        if "optimizer" in state:
            optimizer.load_state_dict(state["optimizer"])
        average.weights, step = state["average"], state["step"]
        torch.set_rng_state(state["random"])

    def save() -> None:
        save_atomically({"model": encoder.state_dict(), "heads": heads.state_dict(), "average": average.weights,
                         "optimizer": optimizer.state_dict(), "step": step, "random": torch.get_rng_state()}, path)

    stop, log = StopSignal(), Log("text")
    started, until = time.time(), parse_until(options.until)
    saved, reported = started, (started, step)
    while time.time() < until and not stop:
        factor = min(1.0, (step + 1) / 100) * decay_factor(time.time(), started, until, options.decay_share)
        for group in optimizer.param_groups:
            group["lr"] = group["base"] * factor
        long = random.Random(step).random() < LONG_BATCH_SHARE
        count = options.batch // 4 if long else options.batch
        loss = token_loss(encoder, heads, caption_batch(tokenizer, 1, step * options.batch, count, long, noise_share=NOISE_SHARE))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_([*encoder.parameters(), *heads.parameters()], 1.0)
        optimizer.step()
        step += 1
        average.update(encoder, step)
        if step % 50 == 0:
            rate = (step - reported[1]) * options.batch / (time.time() - reported[0])
            reported = (time.time(), step)
            log.write(until - time.time(), step=step, loss=loss.item(), captions_per_second=rate)
        if step % 200 == 0:
            log.write(step=step, **measure(encoder, heads, tokenizer, held_out=False, count=256))
        if time.time() - saved > CHECKPOINT_SECONDS:
            save()
            saved = time.time()
    save()
    encoder.load_state_dict(average.weights)
    log.write(step=step, **measure(encoder, heads, tokenizer, held_out=False))
    log.write(step=step, **{f"held_out_{k}": v for k, v in measure(encoder, heads, tokenizer, held_out=True).items()})
