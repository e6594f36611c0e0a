"""An evaluation of one version, and its trials."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from sales_app.skills.models import SkillVersion
from sessions_app.session.models import Session


class Evaluation(models.Model):
    """``version`` held against ``against``, the version that was published when it began.

    What is run is fixed then: ``suite`` and ``digest`` are of that moment. A finished one lets the version be published.
    """

    class Status(models.TextChoices):
        RUNNING = "running", "Running"
        FINISHED = "finished", "Finished"
        STOPPED = "stopped", "Stopped"
        FAILED = "failed", "Failed"

    version = models.ForeignKey(SkillVersion, on_delete=models.CASCADE, related_name="evaluations")
    against = models.ForeignKey(
        SkillVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    digest = models.CharField(max_length=64, help_text="Of the version's folder.")
    suite = models.JSONField(help_text="The cases that are run.")
    runs = models.PositiveSmallIntegerField(default=3, help_text="How often each case is run.")
    cap = models.DecimalField(max_digits=8, decimal_places=2, help_text="US dollars that it may spend.")
    model = models.CharField(max_length=64, blank=True)
    stand_in = models.BooleanField(default=False)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.RUNNING)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it was stopped or failed.")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version"],
                condition=models.Q(status="running"),
                name="evaluation_one_running_per_version",
            )
        ]

    def __str__(self) -> str:
        return f"Evaluation of {self.version}"


class Trial(models.Model):
    """One case run once: with the version, with the published one, or without any skill.

    ``document`` is what came out, checked; it is no artifact, and nobody is shown it but here. ``verdicts``
    [{assertion, must, by: code | model | nobody, passed: true | false | null, why}].
    """

    class Arm(models.TextChoices):
        CANDIDATE = "candidate", "This version"
        PUBLISHED = "published", "Published version"
        WITHOUT = "without", "Without a skill"

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="trials")
    arm = models.CharField(max_length=16, choices=Arm.choices)
    case = models.CharField(max_length=80)
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    session = models.OneToOneField(
        Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="trial"
    )
    skill = models.CharField(max_length=64, blank=True, help_text="The skill that was used.")
    document = models.JSONField(null=True, blank=True)
    answer = models.TextField(blank=True)
    asked = models.BooleanField(default=False, help_text="It ended with a question back.")
    verdicts = models.JSONField(default=list)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "arm", "case", "number"], name="trial_once")
        ]

    def __str__(self) -> str:
        return f"{self.case}, {self.get_arm_display().lower()}, run {self.number}"
