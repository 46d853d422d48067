"""Uploads as files, for whoever carries them to the network with tools of their own."""

from pathlib import Path

from openconsular.gateways.trust_uploads.base import Outcome, UploadMessage, UploadRefused, UploadUnavailable

_HEX = frozenset("0123456789abcdef")


class FolderUploads:
    """Writes <key id>.cms to add a certificate and <key id>.delete.cms to take it off, in base64."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, message: UploadMessage) -> Outcome:
        there, gone = self._paths(message)
        outcome = Outcome.WAS_THERE if there.exists() else Outcome.TAKEN
        self._write(there, message.text, instead_of=gone)
        return outcome

    def remove(self, message: UploadMessage) -> Outcome:
        there, gone = self._paths(message)
        outcome = Outcome.REMOVED if there.exists() else Outcome.WAS_GONE
        self._write(gone, message.text, instead_of=there)
        return outcome

    def close(self) -> None:
        """Nothing is held open."""

    def _paths(self, message: UploadMessage) -> tuple[Path, Path]:
        if not message.cms or len(message.key_id) != 16 or not _HEX.issuperset(message.key_id):
            raise UploadRefused("The message is empty, or its key identifier is none.")
        return self._folder / f"{message.key_id}.cms", self._folder / f"{message.key_id}.delete.cms"

    def _write(self, path: Path, text: str, *, instead_of: Path) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="ascii")
            instead_of.unlink(missing_ok=True)
        except OSError as cause:
            raise UploadUnavailable(f"{path.name} cannot be written: {cause}") from cause
