from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "sales_app"
    verbose_name = "Sales"

    def ready(self) -> None:
        from django.db.models.signals import post_save

        from sales_app.agent.copilot import Copilot
        from sales_app.agent.researcher import Researcher
        from sales_app.agent.tools.registry import approval_counts
        from sales_app.artifacts.models import ArtifactVersion
        from sales_app.budgets.checking import check_budget
        from sales_app.budgets.spending import count
        from sales_app.collect import titles
        from sales_app.collect.discover import register_collectors
        from sales_app.connectors.demo import register_demo_providers
        from sales_app.crm.subjects import account_subject, deal_subject
        from sales_app.encoding import touches
        from sales_app.encoding.interview.agent import Interviewer
        from sales_app.evals.evaluating import advance_all
        from sales_app.evals.gate import speaks_against
        from sales_app.evals.trying import Evaluating
        from sales_app.inbox import notices
        from sales_app.people import directory
        from sales_app.skills.gate import gate
        from sales_app.skills.preview import on_kinds
        from sessions_app.control.answer import on_approval
        from sessions_app.live.reads import on_read
        from sessions_app.runs.agents import register_agent
        from sessions_app.runs.attention import on_attention
        from sessions_app.runs.costs import on_cost
        from sessions_app.runs.tasks import also_due
        from sessions_app.session.directory import register_directory
        from sessions_app.session.subjects import register_subject

        register_agent(Copilot())
        register_agent(Researcher(), internal=True)
        register_agent(Evaluating(), internal=True)
        register_agent(Interviewer())
        post_save.connect(touches.note, ArtifactVersion, dispatch_uid="touched deals")
        also_due(advance_all)
        gate(speaks_against)
        register_subject("account", account_subject)
        register_subject("deal", deal_subject)
        on_approval(approval_counts)
        on_attention(notices.note)
        on_cost(ask=check_budget, count=count)
        on_read(notices.was_read)
        register_directory(search=directory.search, find=directory.find)
        register_demo_providers()
        register_collectors()
        on_kinds(titles)
