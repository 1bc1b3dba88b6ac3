"""The language: tensors and Variables, what one can say about them, and how Python functions become IR."""
