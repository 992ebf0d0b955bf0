"""The judge learns from real scenes what the evaluation asks, and the captions that are asked are held out."""

import unittest

import torch

from darkroom_train.judge import (
    INPUT_SIDE, JUDGED, PAIR_LAYOUTS, SEEN_LAYOUTS, UNNAMED, Judge, augment, border_window, judge_loss, place_windows, visible_facts,
)
from darkroom_train.make_captions import choose_scenes, combination, entries_of
from darkroom_train.scenes import Scene, Subject, is_held_out, make_scene
from darkroom_train.train_judge import TRAINING_SEED, training_scene


class FactsTest(unittest.TestCase):
    def test_an_unnamed_background_is_white_and_what_has_no_name_is_not_asked(self):
        scene = Scene("single", Subject("cat", None), None, None, (0, 0), 1.0)
        facts = dict(zip(JUDGED, visible_facts(scene)))
        self.assertEqual(JUDGED["background"][facts["background"]], "white")
        self.assertEqual([facts[name] for name in ("first_colour", "second", "second_colour")], [UNNAMED] * 3)
        self.assertEqual(JUDGED["first"][facts["first"]], "cat")

    def test_the_judge_is_trained_without_the_held_out_combinations(self):
        scenes = [training_scene(i) for i in range(200)]
        self.assertFalse(any(map(is_held_out, scenes)))
        self.assertEqual(scenes, [training_scene(i) for i in range(200)])
        self.assertNotEqual(scenes[0], make_scene(TRAINING_SEED + 1, 0))


class JudgeTest(unittest.TestCase):
    def test_windows_are_weights_and_those_of_pairs_lie_apart(self):
        windows = place_windows()
        torch.testing.assert_close(windows.sum(2), torch.ones(len(SEEN_LAYOUTS), 2))
        torch.testing.assert_close(border_window().sum(), torch.tensor(1.0))
        for name in PAIR_LAYOUTS:
            first, second = windows[SEEN_LAYOUTS.index(name)]
            self.assertEqual((first * second).sum().item(), 0)

    def test_pictures_stay_pictures_when_they_are_augmented(self):
        pixels = torch.rand(4, 3, INPUT_SIDE, INPUT_SIDE) * 2 - 1
        changed = augment(pixels, torch.Generator().manual_seed(1))
        self.assertEqual(changed.shape, pixels.shape)
        self.assertTrue((changed.abs() <= 1).all())
        torch.testing.assert_close(changed, augment(pixels, torch.Generator().manual_seed(1)))

    def test_every_fact_has_logits_and_facts_without_a_name_cost_nothing(self):
        torch.manual_seed(0)
        logits = Judge().eval()(torch.zeros(2, 3, INPUT_SIDE, INPUT_SIDE))
        self.assertEqual([row.shape[1] for row in logits], [len(classes) for classes in JUDGED.values()])
        facts = torch.full((2, len(JUDGED)), UNNAMED)
        facts[:, 0] = 3
        torch.testing.assert_close(judge_loss(logits, facts), judge_loss(logits[:1], facts[:, :1]))


class CaptionsTest(unittest.TestCase):
    def test_combinations_are_held_out_and_asked_once(self):
        chosen = choose_scenes(4)
        scenes = [scene for kind, scene in chosen if kind in ("background", "shape", "pair")]
        self.assertEqual(len(scenes), 12)
        self.assertTrue(all(map(is_held_out, scenes)))
        self.assertEqual(len({combination(scene) for _, scene in chosen}), len(chosen))

    def test_captions_say_what_the_facts_ask(self):
        left, right = Subject("circle", "red"), Subject("apple", None)
        scenes = [Scene(layout, left, right, "orange", (0, 0), 1.0) for layout in PAIR_LAYOUTS] + [
            Scene("count3", Subject("cat", None), None, None, (0, 0), 1.0), Scene("single", Subject("glasses", None), None, None, (0, 0), 1.0)]
        captions = [entry["caption"] for entry in entries_of([("pair", scene) for scene in scenes])]
        self.assertIn("red circle", captions[0])
        self.assertTrue(captions[1].endswith(" on an orange background"))
        self.assertEqual(captions[2:], ["three cats", "glasses"])
        facts = entries_of([("pair", scenes[0])])[0]["facts"]
        self.assertEqual(facts, {"first": "circle", "firstColour": "red", "second": "apple", "secondColour": None,
                                 "layout": "horizontal", "background": "orange"})


if __name__ == "__main__":
    unittest.main()
