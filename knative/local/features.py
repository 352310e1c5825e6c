"""The stand-in's feature list is the allow list: the linter and the contract tests read it under this name."""

from knative.rules.features import *  # noqa: F403 - one list, two readers
