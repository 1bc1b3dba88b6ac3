"""Distribution strategies on one device: one replica, which runs what programs give to all replicas."""
