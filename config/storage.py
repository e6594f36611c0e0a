"""Static files of production: hashed names, compressed."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedModulesStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites the ``import`` lines of our native ES modules to the hashed names."""

    support_js_module_import_aggregation = True
