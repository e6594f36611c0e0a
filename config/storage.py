"""Static files of production: hashed names, compressed."""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

_, IMPORTS = HashedFilesMixin._js_module_import_aggregation_patterns  # type: ignore[attr-defined]  # private


class HashedModulesStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites the ``import`` lines of our native ES modules to the hashed names.

    Only of ours: other packages have words in comments that look like imports.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = ("js/*.js", IMPORTS)
