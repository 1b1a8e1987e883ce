from __future__ import annotations

import numpy as np
import torch

from hdalr.models.character_net import CharacterBatch, build_character_net, character_loss
from hdalr.models.line_net import FRAME_PX, LineBatch, build_line_net, line_loss


def test_the_line_net_gives_a_frame_for_four_columns() -> None:
    net = build_line_net(62, width=8).eval()
    for width in (16, 37, 160):
        logits = net(torch.zeros(2, 1, 32, width))
        assert logits.shape == (2, 63, 1, -(-width // FRAME_PX))


def test_the_character_net_has_an_output_for_no_character() -> None:
    assert build_character_net(10, width=12)(torch.zeros(3, 1, 28, 28)).shape == (3, 11)


def test_lines_are_padded_to_one_width_with_their_frames_counted() -> None:
    lines = [np.full((32, width), 255, np.uint8) for width in (17, 30)]
    batch = LineBatch.of(lines, [[1, 2], [3]])
    assert batch.pictures.shape == (2, 1, 32, 32)
    assert batch.n_frames.tolist() == [5, 8]
    assert batch.targets.tolist() == [1, 2, 3]
    assert not batch.pictures[0, 0, :, 17:].any()


def test_ctc_loss_of_one_frame_and_one_label_is_worked_by_hand() -> None:
    class Fixed(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bias = torch.nn.Parameter(torch.zeros(63))

        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            return self.bias.view(1, 63, 1, 1).expand(len(pictures), 63, 1, 1)

    letter = LineBatch.of([np.zeros((32, 4), np.uint8)], [[40]])
    digit = LineBatch.of([np.zeros((32, 4), np.uint8)], [[4]])
    assert np.isclose(float(line_loss(Fixed(), letter).detach()), np.log(63))
    assert np.isclose(float(line_loss(Fixed(), digit).detach()), (np.log(63) + np.log(11)) / 2)


def test_lines_without_text_can_be_learned_from() -> None:
    net = build_line_net(62, width=8)
    batch = LineBatch.of([np.zeros((32, 40), np.uint8)] * 2, [[], [5]])
    assert torch.isfinite(line_loss(net, batch))


def test_either_of_two_allowed_labels_is_right() -> None:
    class Sure(torch.nn.Module):
        def __init__(self, label: int) -> None:
            super().__init__()
            self.logits = torch.nn.Parameter(torch.eye(4)[label] * 20)

        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            return self.logits.expand(len(pictures), 4)

    allowed = np.array([[False, True, True, False]])
    batch = CharacterBatch.of(np.zeros((1, 28, 28), np.uint8), allowed)
    losses = [float(character_loss(Sure(label), batch).detach()) for label in range(4)]
    assert np.isclose(losses[1], losses[2])
    assert losses[1] < 1 < 10 < losses[0]
    assert np.isclose(losses[0], losses[3])
