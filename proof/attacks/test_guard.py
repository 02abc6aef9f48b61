"""What the attacks are watched by."""

from proof.attacks.guard import Guard


def test_two_attack_on_one_machine_at_once(tmp_path):
    """Neither takes what the other listens on: a socket's name, a key of shared memory."""
    (tmp_path / "theirs").mkdir()
    with Guard(tmp_path) as ours, Guard(tmp_path / "theirs") as theirs:
        assert ours.shared != theirs.shared
        assert ours.fill("{abstract}", tmp_path) == ours.name
