"""Training of Darkroom's pocket model: data, VAE, text encoder, transformer and export."""
