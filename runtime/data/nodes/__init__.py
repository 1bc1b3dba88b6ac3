"""The nodes of datasets: sources of elements, and transformations of others."""
