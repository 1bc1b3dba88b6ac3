"""Rules of convolutions and pooling: where windows are, and how they are lowered and exported."""
