"""People: the user account, with the profile that routing and briefs read."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    pass
