"""What datasets cost: preparation beside training steps, memory, and epochs over tensors in memory."""
