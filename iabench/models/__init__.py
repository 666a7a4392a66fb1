"""Models: the engine that plans, and the backends that decode. The room that may import torch."""
