"""From Python to IR: tracing, signatures, AutoGraph, source lines."""
