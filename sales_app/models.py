from sales_app.agent.models import AgentSettings, ModelPrice
from sales_app.artifacts.models import Artifact, ArtifactPdf, ArtifactVersion, ShareLink, ShareView
from sales_app.briefs.models import Delivery, Schedule
from sales_app.budgets.models import Budget, PersonBudget, Spending
from sales_app.crm.models import Account, Activity, Contact, Deal, ImportBatch, ImportRow
from sales_app.encoding.models import Encoding, ProposedLine, StudiedCall, TouchedDeal
from sales_app.evals.models import Evaluation, Trial
from sales_app.inbox.models import Device, Notice, NoticeWish, Push
from sales_app.mail.models import Mail
from sales_app.people.models import AuditEntry, Invitation, User
from sales_app.pricing.models import PriceChange, PriceVersion
from sales_app.skills.models import Skill, SkillChange, SkillFile, SkillVersion

__all__ = [
    "Account",
    "Activity",
    "AgentSettings",
    "Artifact",
    "ArtifactPdf",
    "ArtifactVersion",
    "AuditEntry",
    "Budget",
    "Contact",
    "Deal",
    "Delivery",
    "Device",
    "Encoding",
    "Evaluation",
    "ImportBatch",
    "ImportRow",
    "Invitation",
    "Mail",
    "ModelPrice",
    "Notice",
    "NoticeWish",
    "PersonBudget",
    "PriceChange",
    "PriceVersion",
    "ProposedLine",
    "Push",
    "Schedule",
    "ShareLink",
    "ShareView",
    "Skill",
    "SkillChange",
    "SkillFile",
    "SkillVersion",
    "Spending",
    "StudiedCall",
    "TouchedDeal",
    "Trial",
    "User",
]
