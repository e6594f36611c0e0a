"""What the page of a checked file shows."""

from django.test import Client

from sales_app.crm.imports.staging import stage
from tests.crm.world import World


def test_the_preview_has_names_not_ids(world: World, client: Client) -> None:
    client.force_login(world.revops)
    data = b"account,name,stage,owner\nBrixholm Foods,New site,proposal,dana@test.example\n"
    batch = stage(data, kind="deals", file_name="deals.csv", user=world.revops)

    page = client.get(f"/import/{batch.pk}/").content.decode()

    for words in ("Brixholm Foods", "New site", "Proposal", "Dana Test"):
        assert f">{words}</td>" in page
