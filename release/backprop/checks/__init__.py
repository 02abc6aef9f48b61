"""Checks for hand-written backward passes.

Each topic is what a notebook checks about one class or function: `topic.table(YourClass)` shows a row
per gradient, `topic.dw(YourClass)` checks that gradient alone.
"""

from .autograds import batch_autograd, dense_autograd, sample_autograd
from .figures import figure
from .layers import batch_neuron, dense_layer, sample_neuron
from .loops import gd_step, minibatch_epoch, sgd_epoch
from .losses import batch_loss, mse_loss, sample_loss
from .networks import linear_network, relu_network
from .outcome import CheckFailed
from .relus import relu
from .results import batch_training, history, linear_training, relu_training, sample_training, snapshots

__all__ = [
    "CheckFailed",
    "batch_autograd",
    "batch_loss",
    "batch_neuron",
    "batch_training",
    "dense_autograd",
    "dense_layer",
    "figure",
    "gd_step",
    "history",
    "linear_network",
    "linear_training",
    "minibatch_epoch",
    "mse_loss",
    "relu",
    "relu_network",
    "relu_training",
    "sample_autograd",
    "sample_loss",
    "sample_neuron",
    "sample_training",
    "sgd_epoch",
    "snapshots",
]
