"""An exported network can be trained on: its weights come back by name."""

import tempfile
import unittest
from pathlib import Path

import torch

from darkroom_train.onnx_files import export_onnx
from darkroom_train.restore import restore_weights
from darkroom_train.text_encoder import NUM_QUERIES
from darkroom_train.transformer import Transformer
from darkroom_train.vae import LATENT_CHANNELS, VaeEncoder


class RestoreTest(unittest.TestCase):
    def check(self, module, fresh, inputs, outputs):
        with torch.no_grad():
            # A fresh network's zeros are all alike, and the exporter would keep only one of them.
            for parameter in module.parameters():
                parameter.add_(torch.randn_like(parameter) * 0.1)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.onnx"
            export_onnx(module, path, inputs, outputs, {})
            restore_weights(fresh, path)
        for (name, wanted), found in zip(module.named_parameters(), fresh.parameters()):
            torch.testing.assert_close(found, wanted, rtol=1e-3, atol=1e-6, msg=name)

    def test_the_vae_encoder_comes_back(self):
        self.check(VaeEncoder(), VaeEncoder(), {"sample": torch.randn(1, 3, 32, 32)}, ["latent_parameters"])

    def test_the_transformer_comes_back(self):
        inputs = {"hidden_states": torch.randn(1, LATENT_CHANNELS, 4, 4), "timestep": torch.tensor([500.0]),
                  "encoder_hidden_states": torch.randn(1, NUM_QUERIES, 256), "pooled_projections": torch.randn(1, 256)}
        self.check(Transformer(), Transformer(), inputs, ["out_sample"])
