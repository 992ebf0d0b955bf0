"""Rectified flow has the right target, and a resumed training equals an unbroken one."""

import argparse
import unittest

import torch

from darkroom_train.flow import add_noise, sample, schedule, shift_sigmas, velocity_target
from darkroom_train.shards import epoch_rows
from darkroom_train.text_encoder import NUM_QUERIES
from darkroom_train.train_transformer import Trainer

OPTIONS = argparse.Namespace(seed=0, muon_lr=0.02, adamw_lr=1e-3, average_decay=0.99)


class FakeShards:
    """Eight scenes of random latents."""

    def __init__(self):
        generator = torch.Generator().manual_seed(5)
        self.latents = torch.randn(8, 16, 4, 4, generator=generator)
        self.states = torch.randn(8, NUM_QUERIES, 256, generator=generator)

    def __len__(self):
        return 8

    def batch(self, rows):
        return self.latents[rows], self.states[rows], self.states[rows].mean(1)


class FlowTest(unittest.TestCase):
    def test_the_velocity_leads_from_data_to_noise(self):
        data, noise, sigmas = torch.randn(4, 16, 2, 2), torch.randn(4, 16, 2, 2), torch.tensor([0.0, 0.25, 0.5, 1.0])
        point = add_noise(data, noise, sigmas)
        velocity = velocity_target(data, noise)
        torch.testing.assert_close(point - sigmas.reshape(-1, 1, 1, 1) * velocity, data)
        torch.testing.assert_close(point + (1 - sigmas).reshape(-1, 1, 1, 1) * velocity, noise)

    def test_the_schedule_falls_from_one_to_zero(self):
        sigmas = schedule(20)
        self.assertEqual((len(sigmas), sigmas[0].item(), sigmas[-1].item()), (21, 1.0, 0.0))
        self.assertTrue((sigmas[1:] < sigmas[:-1]).all())
        self.assertAlmostEqual(shift_sigmas(torch.tensor(0.5), 3.0).item(), 0.75)

    def test_the_solver_finds_the_data_of_a_perfect_model(self):
        data = torch.randn(1, 16, 4, 4)
        text = torch.zeros(1, NUM_QUERIES, 256), torch.zeros(1, 256)
        perfect = lambda x, timestep, *_: (x - data) / (timestep / 1000).reshape(-1, 1, 1, 1)
        torch.testing.assert_close(sample(perfect, torch.randn(1, 16, 4, 4), *text, *text), data, atol=1e-4, rtol=1e-4)


class ResumeTest(unittest.TestCase):
    def test_rows_of_an_epoch_are_each_scene_once(self):
        rows = torch.cat([epoch_rows(10, 0, position, 4) for position in range(0, 20, 4)])
        self.assertEqual(sorted(rows[:10].tolist()), list(range(10)))
        self.assertEqual(sorted(rows[10:].tolist()), list(range(10)))

    def test_a_resumed_training_equals_an_unbroken_one(self):
        shards = FakeShards()
        unbroken = Trainer(OPTIONS)
        losses = [unbroken.train_step(shards, 4, 1.0) for _ in range(4)]
        broken = Trainer(OPTIONS)
        first = [broken.train_step(shards, 4, 1.0) for _ in range(2)]
        state = broken.state()
        resumed = Trainer(OPTIONS)
        resumed.load(state)
        second = [resumed.train_step(shards, 4, 1.0) for _ in range(2)]
        self.assertEqual(losses, first + second)
        for a, b in zip(unbroken.average.weights.values(), resumed.average.weights.values()):
            self.assertTrue(torch.equal(a, b))


if __name__ == "__main__":
    unittest.main()
