"""Several jobs for one report: `plan` divides the scopes, each job leaves a part, and the parts are combined again."""
