"""The proof that an app runs on either library by changing one import: see README.md."""
