"""Scenes and captions are pure functions, true to each other, and keep held-out combinations out."""

import unittest
from dataclasses import replace

from darkroom_train.captions import article, make_caption, mentioned_scene
from darkroom_train.catalogue import COLOURS, OBJECTS, TINTS
from darkroom_train.facts import FACTS, scene_facts
from darkroom_train.scenes import PLACES, Scene, Subject, is_held_out, make_scene, render


class SceneTest(unittest.TestCase):
    def test_a_scene_depends_only_on_seed_and_index(self):
        self.assertEqual([make_scene(3, i) for i in range(50)], [make_scene(3, i) for i in range(50)])
        self.assertNotEqual([make_scene(3, i) for i in range(50)], [make_scene(4, i) for i in range(50)])

    def test_training_never_shows_a_held_out_combination(self):
        self.assertFalse(any(is_held_out(make_scene(1, i)) for i in range(2000)))
        self.assertTrue(all(is_held_out(make_scene(1, i, held_out=True)) for i in range(200)))

    def test_about_one_pair_in_ten_is_held_out(self):
        colours, shapes = ("red", "blue", "green", "pink"), ("circle", "square", "star", "heart")
        pairs = [
            Scene("horizontal", Subject(a, c), Subject(b, d), None, (0, 0), 1.0)
            for a in shapes for b in shapes for c in colours for d in colours
        ]
        share = sum(map(is_held_out, pairs)) / len(pairs)
        self.assertTrue(0.04 < share < 0.18, share)

    def test_no_subject_has_the_colour_of_its_background(self):
        for index in range(2000):
            scene = make_scene(1, index)
            self.assertNotEqual(scene.first.visible_colour, scene.background or "white")

    def test_captions_never_tell_what_seeds_may_choose(self):
        scene = Scene("single", Subject("car", None), None, None, (0, 0), 1.0)
        varied = replace(scene, first=replace(scene.first, paint="red"), tint="mint", mirrored=True)
        self.assertEqual(make_caption(scene, 1, 5), make_caption(varied, 1, 5))

    def test_an_unnamed_background_has_the_tint_of_the_scene(self):
        scene = Scene("single", Subject("circle", "red"), None, None, (0, 0), 1.0)
        corners = [tuple(render(one)[0, 0]) for one in (scene, replace(scene, tint="mint"), replace(scene, background="blue", tint="mint"))]
        self.assertEqual(corners, [COLOURS["white"], TINTS["mint"], COLOURS["blue"]])

    def test_subjects_stay_inside_the_canvas(self):
        for centres, side in PLACES.values():
            for x, y in centres:
                for centre in (x, y):
                    self.assertGreaterEqual(centre - side * 1.04 / 2, 0.0)
                    self.assertLessEqual(centre + side * 1.04 / 2, 1.0)


class CaptionTest(unittest.TestCase):
    def test_a_caption_depends_only_on_its_arguments(self):
        scene = make_scene(1, 7)
        self.assertEqual(make_caption(scene, 1, 7, 1), make_caption(scene, 1, 7, 1))

    def test_captions_name_the_background_that_the_scene_has(self):
        for index in range(500):
            scene = make_scene(1, index)
            if scene.background not in (None, "gray"):
                self.assertIn(scene.background, make_caption(scene, 1, index).lower())

    def test_articles(self):
        self.assertEqual([article(w) for w in ("orange", "apple", "unicorn", "ufo", "cat", "umbrella")],
                         ["an", "an", "a", "a", "a", "an"])

    def test_names_and_aliases_are_unambiguous(self):
        names = [name for entry in OBJECTS.values() for name in (entry.name, *entry.aliases)]
        self.assertEqual(len(names), len(set(names)))

    def test_facts_follow_what_the_caption_mentions(self):
        for index in range(300):
            scene = make_scene(1, index)
            facts = dict(zip(FACTS, scene_facts(mentioned_scene(scene, 1, index))))
            self.assertEqual(facts["second"] == 0, scene.second is None)
            self.assertEqual(FACTS["first"][facts["first"]], scene.first.name)


if __name__ == "__main__":
    unittest.main()
