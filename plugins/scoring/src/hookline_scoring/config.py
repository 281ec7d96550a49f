"""What `[plugins.scoring]` in a tenant's config may say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import attrs
import msgspec

from hookline.settings import Secret

from .mapping import Mapping as Fields
from .mapping import MappingError

Seconds = Annotated[float, msgspec.Meta(gt=0)]
Provider = Literal["none", "zoho", "hubspot", "salesforce", "custom"]
NO_SECRET = Secret("")

ZOHO: Mapping[str, str] = {
    "Last_Name": "{last_name|or:Unknown|max:80}",
    "First_Name": "{first_name|max:40}",
    "Email": "{email|max:100}",
    "Phone": "{phone|max:30}",
    "Lead_Source": "{source}",
    "Description": "{summary|max:32000}",
}
HUBSPOT: Mapping[str, str] = {
    "lastname": "{last_name}",
    "firstname": "{first_name}",
    "email": "{email}",
    "phone": "{phone}",
}
SALESFORCE: Mapping[str, str] = {
    "LastName": "{last_name|or:Unknown|max:80}",
    "FirstName": "{first_name|max:40}",
    "Company": "{company|or:Unknown|max:255}",
    "Email": "{email|max:80}",
    "Phone": "{phone|max:40}",
    "LeadSource": "{source|max:255}",
    "Rating": "{priority|title}",
    "Description": "{summary|max:32000}",
}


def _fields(usual: Mapping[str, str], own: Mapping[str, str]) -> Fields:
    """The tenant's own fields over the usual ones; "" leaves one out."""
    try:
        return Fields.of({name: text for name, text in {**usual, **own}.items() if text})
    except MappingError as error:
        raise ValueError(f"fields: {error}") from None


@attrs.frozen
class Zoho:
    """Zoho CRM: a refresh token of a server-based or self client; `accounts_url` and `api_url` are those of the data
    centre."""

    client_id: str = ""
    client_secret: Secret = NO_SECRET
    refresh_token: Secret = NO_SECRET
    accounts_url: str = "https://accounts.zoho.com"
    api_url: str = "https://www.zohoapis.com"
    module: str = "Leads"
    external_id: str = "Hookline_Lead_ID"
    fields: Mapping[str, str] = attrs.Factory(dict)

    def __attrs_post_init__(self) -> None:
        """Check the mapping."""
        self.mapping()

    def mapping(self) -> Fields:
        """The usual fields with the tenant's."""
        return _fields(ZOHO, self.fields)


@attrs.frozen
class HubSpot:
    """HubSpot: the access token of a private app."""

    token: Secret = NO_SECRET
    api_url: str = "https://api.hubapi.com"
    object: str = "contacts"
    external_id: str = "hookline_lead_id"
    fields: Mapping[str, str] = attrs.Factory(dict)

    def __attrs_post_init__(self) -> None:
        """Check the mapping."""
        self.mapping()

    def mapping(self) -> Fields:
        """The usual fields with the tenant's."""
        return _fields(HUBSPOT, self.fields)


@attrs.frozen
class Salesforce:
    """Salesforce: a connected app with the client credentials flow, or with a refresh token."""

    instance_url: str = ""
    client_id: str = ""
    client_secret: Secret = NO_SECRET
    refresh_token: Secret = NO_SECRET
    api_version: str = "59.0"
    object: str = "Lead"
    external_id: str = "Hookline_Lead_ID__c"
    fields: Mapping[str, str] = attrs.Factory(dict)

    def __attrs_post_init__(self) -> None:
        """Check the mapping."""
        self.mapping()

    def mapping(self) -> Fields:
        """The usual fields with the tenant's."""
        return _fields(SALESFORCE, self.fields)


@attrs.frozen
class Custom:
    """Any other system: a signed JSON request; without `fields` it gets the whole lead."""

    url: str = ""
    secret: Secret = NO_SECRET
    fields: Mapping[str, str] = attrs.Factory(dict)

    def __attrs_post_init__(self) -> None:
        """Check the mapping."""
        self.mapping()

    def mapping(self) -> Fields:
        """The usual fields with the tenant's."""
        return _fields({}, self.fields)


@attrs.frozen
class Crm:
    """Where hot leads go.

    provider    which CRM; its own table below says how it is reached
    priorities  leads of which priorities are sent; once sent, a lead's changes follow
    timeout     seconds that one request may take
    backoff     seconds before the second try; doubled each time, to at most `backoff_max`
    give_up     seconds after which a lead that the CRM could not take is given up, to be sent by hand
    lanes       how many leads are sent at once
    """

    provider: Provider = "none"
    priorities: tuple[Literal["hot", "warm", "cold"], ...] = ("hot",)
    timeout: Seconds = 10.0
    backoff: Seconds = 2.0
    backoff_max: Seconds = 900.0
    give_up: Seconds = 259200.0
    lanes: Annotated[int, msgspec.Meta(ge=1, le=32)] = 4
    zoho: Zoho = Zoho()
    hubspot: HubSpot = HubSpot()
    salesforce: Salesforce = Salesforce()
    custom: Custom = Custom()

    def __attrs_post_init__(self) -> None:
        """What the chosen provider needs must be there; a secret whose variable is unset turns it off instead."""
        needs = {
            "salesforce": ("instance_url", self.salesforce.instance_url),
            "custom": ("url", self.custom.url),
        }
        if self.provider in needs and not needs[self.provider][1]:
            raise ValueError(f"{self.provider}.{needs[self.provider][0]} is missing: where is the CRM?")


@attrs.frozen
class Config:
    """Scoring, leads, and where they go.

    rules    the file with the rules, in the tenant's folder; "": the built-in ones
    private  entities whose values are shown in no reason
    """

    rules: str = ""
    private: tuple[str, ...] = ("phone", "email", "name", "first_name", "last_name")
    crm: Crm = Crm()
