"""What the blocks of ops are made of: their base classes, and rules that several share."""
