"""Loan simulations, prospects, claims."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "tenant_tokosel_simulation",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("simulation_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("montant", sa.BigInteger(), nullable=True),
        sa.Column("duree", sa.BigInteger(), nullable=True),
        sa.Column("type_pret", sa.Text(), nullable=False),
        sa.Column("revenus_mensuels", sa.BigInteger(), nullable=True),
        sa.Column("situation_pro", sa.Text(), nullable=False),
        sa.Column("taux_interet", sa.BigInteger(), nullable=True),
        sa.Column("mensualite", sa.BigInteger(), nullable=True),
        sa.Column("cout_total", sa.BigInteger(), nullable=True),
        sa.Column("interets_totaux", sa.BigInteger(), nullable=True),
        sa.Column("taux_endettement", sa.BigInteger(), nullable=True),
        sa.Column("eligible", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.Column("link", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_tenant_tokosel_simulation"),
        sa.UniqueConstraint("tenant", "simulation_id", name="uq_tenant_tokosel_simulation_simulation_id"),
    )
    for column in ("type_pret", "contact", "eligible", "status"):
        op.create_index(f"ix_tenant_tokosel_simulation_{column}", "tenant_tokosel_simulation", ["tenant", column])
    op.create_table(
        "tenant_tokosel_prospect",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("prospect_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("nom", sa.Text(), nullable=False),
        sa.Column("prenom", sa.Text(), nullable=False),
        sa.Column("telephone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("type_compte", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_tenant_tokosel_prospect"),
        sa.UniqueConstraint("tenant", "prospect_id", name="uq_tenant_tokosel_prospect_prospect_id"),
    )
    for column in ("contact", "status", "type_compte"):
        op.create_index(f"ix_tenant_tokosel_prospect_{column}", "tenant_tokosel_prospect", ["tenant", column])
    op.create_table(
        "tenant_tokosel_claim",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("categorie", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("montant", sa.BigInteger(), nullable=True),
        sa.Column("date_incident", sa.Text(), nullable=True),
        sa.Column("nom_complet", sa.Text(), nullable=False),
        sa.Column("telephone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_tenant_tokosel_claim"),
        sa.UniqueConstraint("tenant", "claim_id", name="uq_tenant_tokosel_claim_claim_id"),
    )
    for column in ("contact", "categorie", "status"):
        op.create_index(f"ix_tenant_tokosel_claim_{column}", "tenant_tokosel_claim", ["tenant", column])


def downgrade() -> None:
    """Remove them."""
    op.drop_table("tenant_tokosel_claim")
    op.drop_table("tenant_tokosel_prospect")
    op.drop_table("tenant_tokosel_simulation")
