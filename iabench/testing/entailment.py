"""What every entailment model keeps to."""

from __future__ import annotations

import numpy as np

from iabench.models.entailment import Entailment

__all__ = ["EntailmentContract"]

_PAIRS = (
    ("A dog sleeps on the sofa.", "An animal sleeps."),
    ("A dog sleeps on the sofa.", "The sofa is empty."),
    ("", ""),
    ("half of a pair: \ud83d, and the other \udc00", "\x00\x1b[31m"),
    ("東京 🙂", "¿Dónde está Zürich?"),
    ("word " * 40_000, "a word"),
    ("a word", "word " * 40_000),
    ("a" * 200_000, "b" * 200_000),
)


class EntailmentContract:
    """What every entailment model keeps to. Subclass it and open yours."""

    def open(self) -> Entailment:
        """Return the model under test, freshly opened."""
        raise NotImplementedError

    def test_is_an_entailment_model(self) -> None:
        """It has the whole protocol, and the same id each time."""
        model = self.open()
        assert isinstance(model, Entailment)
        assert model.id
        assert model.id == self.open().id
        model.close()

    def test_three_probabilities_a_pair(self) -> None:
        """Empty, hostile and 200 kB texts have rows of probabilities that sum to one."""
        rows = self.open().entails(_PAIRS)
        assert rows.shape == (len(_PAIRS), 3)
        assert (rows >= 0).all()
        np.testing.assert_allclose(rows.sum(axis=1), 1.0, atol=1e-6)

    def test_nothing_is_nothing(self) -> None:
        """No pair, no row."""
        assert self.open().entails(()).shape == (0, 3)

    def test_order_and_company_change_nothing(self) -> None:
        """The same pair has the same row alone, twice, among others, and in any order."""
        model = self.open()
        pairs = _PAIRS[:5]
        together = model.entails(pairs)
        np.testing.assert_allclose(model.entails(pairs[::-1]), together[::-1], atol=1e-5)
        np.testing.assert_allclose(model.entails((*pairs, *pairs))[5:], together, atol=1e-5)
        for pair, row in zip(pairs, together, strict=True):
            np.testing.assert_allclose(model.entails([pair])[0], row, atol=1e-5)
