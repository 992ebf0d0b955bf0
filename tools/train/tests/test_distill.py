"""The distilled model's schedule has its golden values, the teacher follows the flow, and a student of straight paths has nothing to learn."""

import argparse
import unittest

import torch

from darkroom_train.distill import Distiller, Teacher
from darkroom_train.flow import sample_turbo, turbo_schedule
from darkroom_train.text_encoder import NUM_QUERIES
from darkroom_train.transformer import Transformer

TEXT = torch.zeros(2, NUM_QUERIES, 256), torch.zeros(2, 256)
OPTIONS = argparse.Namespace(seed=0, muon_lr=0.01, adamw_lr=1e-3, average_decay=0.9)


class Perfect(torch.nn.Module):
    """Knows the data: its velocity leads straight there, whatever the text."""

    def __init__(self, data):
        super().__init__()
        self.data = data

    def forward(self, x, timestep, states, pooled):
        return (x - self.data.repeat(len(x) // len(self.data), 1, 1, 1)) / (timestep / 1000).reshape(-1, 1, 1, 1)


class DistillTest(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        self.data, self.noise = torch.randn(2, 16, 4, 4), torch.randn(2, 16, 4, 4)

    def test_the_schedule_is_that_of_diffusers_with_shift_terminal(self):
        # By hand: 1, 0.66750, 0.33500, 0.00250 shifted by 2.5 give 1, 0.83386, 0.55741, 0.00621; stretched so that the last is 0.3.
        torch.testing.assert_close(turbo_schedule(), torch.tensor([1, 0.88297, 0.68824, 0.3, 0]), atol=1e-4, rtol=0)

    def test_the_teacher_goes_along_the_path(self):
        teacher = Teacher(Perfect(self.data), torch.zeros(NUM_QUERIES, 256), torch.zeros(256), guidance=4.0)
        arrival = teacher.advance(self.noise, *TEXT, 1.0, 0.4)
        torch.testing.assert_close(arrival, 0.6 * self.data + 0.4 * self.noise, atol=1e-5, rtol=1e-4)

    def test_a_model_of_straight_paths_arrives_in_few_steps(self):
        torch.testing.assert_close(sample_turbo(Perfect(self.data), self.noise, *TEXT), self.data, atol=1e-4, rtol=1e-4)

    def test_the_student_comes_nearer_to_its_teacher(self):
        transformer = Transformer()
        teacher = Teacher(transformer, torch.zeros(NUM_QUERIES, 256), torch.zeros(256), guidance=1.0)
        student = Distiller(OPTIONS, teacher)
        teacher.transformer = Perfect(self.data)
        losses = [sum(student.train_path(*TEXT, self.noise, 1.0)) for _ in range(3)]
        self.assertLess(losses[-1], losses[0])
        self.assertEqual(student.step, 12)


if __name__ == "__main__":
    unittest.main()
