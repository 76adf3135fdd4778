"""Registration, gates, promotion, rollback, approvals."""
