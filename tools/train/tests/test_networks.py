"""The networks keep their contracts of shape, and padding or neighbours never leak where they should not."""

import unittest

import torch

from darkroom_train.muon import orthogonalise
from darkroom_train.text_encoder import NUM_QUERIES, TextEncoder, pad_tokens
from darkroom_train.transformer import Transformer
from darkroom_train.vae import Vae


class TextEncoderTest(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        self.encoder = TextEncoder(300).eval()

    @torch.no_grad()
    def test_padding_changes_nothing(self):
        tokens = [list(range(5, 25))]
        for multiple in (64, 128, 256):
            short = self.encoder(*pad_tokens(tokens, 8))
            padded = self.encoder(*pad_tokens(tokens, multiple))
            for a, b in zip(short, padded):
                torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-4)

    @torch.no_grad()
    def test_a_word_at_the_very_end_of_a_long_prompt_matters(self):
        tokens = torch.randint(3, 300, (1000,)).tolist()
        one = self.encoder(*pad_tokens([tokens]))[1]
        other = self.encoder(*pad_tokens([[*tokens[:-1], (tokens[-1] + 1) % 300]]))[1]
        self.assertGreater((one - other).abs().max().item(), 1e-4)


class TransformerTest(unittest.TestCase):
    @torch.no_grad()
    def test_any_even_size_and_batch(self):
        model = Transformer().eval()
        for batch, height, width in ((1, 4, 4), (2, 16, 16), (1, 8, 24)):
            output = model(torch.randn(batch, 16, height, width), torch.rand(batch) * 1000,
                           torch.randn(batch, NUM_QUERIES, 256), torch.randn(batch, 256))
            self.assertEqual(output.shape, (batch, 16, height, width))

    @torch.no_grad()
    def test_samples_of_a_batch_do_not_mix(self):
        torch.manual_seed(0)
        model = Transformer().eval()
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
        inputs = (torch.randn(2, 16, 8, 8), torch.tensor([100.0, 900.0]), torch.randn(2, NUM_QUERIES, 256), torch.randn(2, 256))
        torch.testing.assert_close(model(*inputs)[1:], model(*(x[1:] for x in inputs)), atol=1e-3, rtol=1e-3)


class VaeTest(unittest.TestCase):
    @torch.no_grad()
    def test_shapes(self):
        vae = Vae().eval()
        latents = vae.encoder(torch.randn(1, 3, 64, 96))
        self.assertEqual(latents.shape, (1, 16, 4, 6))
        self.assertEqual(vae.decoder(latents).shape, (1, 3, 64, 96))


class MuonTest(unittest.TestCase):
    def test_orthogonalised_matrices_have_singular_values_near_one(self):
        torch.manual_seed(0)
        for shape in ((64, 64), (128, 32), (32, 128)):
            values = torch.linalg.svdvals(orthogonalise(torch.randn(shape)))
            # A square random matrix has a few tiny singular values, which five steps do not lift.
            self.assertGreater(values.median().item(), 0.6)
            self.assertLess(values.max().item(), 1.4)


if __name__ == "__main__":
    unittest.main()
