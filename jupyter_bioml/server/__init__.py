"""The server half of the lab extension: handlers, jobs, the OpenAPI document."""
