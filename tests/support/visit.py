"""A scripted patient's steps, for tests that are about something else."""

from tests.support.patient import Patient, Shown


class Visit:
    """One person who walks the journey quickly: declines every question unless told otherwise."""

    def __init__(self, patient: Patient) -> None:
        self.patient = patient

    def choose(self) -> None:
        self.patient.see(lambda shown: bool(shown["view"].get("tiles")))
        self.patient.touch("care:riviere")
        self.patient.answer_alone()

    def decline_all(self) -> None:
        """Five cones without an answer, no comment."""
        patient = self.patient
        patient.see_screen("ConeView", 90)
        while patient.see(lambda shown: shown["screen"] in ("ConeView", "CommentView"))["screen"] == "ConeView":
            step = patient.shown["view"]["step"]
            patient.touch("decline")
            patient.see(lambda shown, step=step: shown["view"].get("step") != step)  # type: ignore[misc]
        patient.touch("continue")

    def read_explanation(self) -> None:
        patient = self.patient
        while (
            patient.see(lambda shown: shown["screen"] in ("TextView", "ReadyView", "NoticeView"))["screen"]
            == "TextView"
        ):
            page = patient.shown["view"]["page"]
            patient.touch("continue")
            patient.see(lambda shown, page=page: shown["view"].get("page") != page)  # type: ignore[misc]

    def to_ready(self) -> None:
        self.choose()
        self.decline_all()
        self.read_explanation()
        self.patient.see(lambda shown: bool(shown["view"].get("armed")))

    def to_playing(self) -> None:
        self.to_ready()
        self.patient.press_button()
        self.patient.see(lambda shown: shown["screen"] == "PlayingView" and shown["view"]["fraction"] > 0)

    def stop(self) -> None:
        """Stop the care; why is not said."""
        self.patient.touch("stop")
        self.patient.touch("yes")
        self.patient.see_screen("StopWhyView", 90)
        self.patient.touch("skip")

    def finish(self) -> Shown:
        """After the sound: the questions again, thanks; the last screen."""
        self.decline_all()
        return self.patient.see_screen("ThanksView")

    def see_in_record(self, seconds: float = 60) -> None:
        self.patient.see(lambda shown: bool(shown["view"].get("in_record")), seconds)
