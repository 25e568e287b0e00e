"""All tables of the project, for migrations and tests."""

import learning.billing.models
import learning.choices.models
import learning.kit.sent
import learning.kit.setbacks
import learning.kit.trail
import learning.mail.models
import learning.office.backups
import learning.office.heart
import learning.office.models  # noqa: F401
