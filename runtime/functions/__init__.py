"""Compiled functions: which trace a call takes, how it runs, and its gradients."""
