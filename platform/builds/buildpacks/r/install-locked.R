# Rscript install-locked.R MIRROR FOLDER LIBRARY NAME=VERSION...
# Installs exact versions from a mirror of CRAN. Their archives stay in FOLDER for the next build.
args <- commandArgs(trailingOnly = TRUE)
mirror <- sub("/$", "", args[1]); folder <- args[2]; library <- args[3]
wanted <- do.call(rbind, strsplit(args[-(1:3)], "=", fixed = TRUE))
contrib <- file.path(folder, "src", "contrib")
dir.create(contrib, recursive = TRUE, showWarnings = FALSE)

here <- installed.packages()[, c("Package", "Version"), drop = FALSE]
is_here <- paste(wanted[, 1], wanted[, 2]) %in% paste(here[, 1], here[, 2])
wanted <- wanted[!is_here, , drop = FALSE]
if (nrow(wanted) == 0) quit(status = 0)

archives <- sprintf("%s_%s.tar.gz", wanted[, 1], wanted[, 2])
unlink(setdiff(list.files(contrib, full.names = TRUE), file.path(contrib, archives)))
fetch <- function(name, archive) {
  file <- file.path(contrib, archive)
  if (file.exists(file)) return(TRUE)
  places <- c("src/contrib", file.path("src/contrib/Archive", name))
  for (place in places) {
    url <- paste(mirror, place, archive, sep = "/")
    part <- paste0(file, ".part")
    status <- suppressWarnings(try(download.file(url, part, quiet = TRUE, mode = "wb"), silent = TRUE))
    if (identical(c(status), 0L) && file.size(part) > 0) return(file.rename(part, file))
    unlink(part)
  }
  cat(sprintf(" !     %s is not on %s\n", archive, mirror))
  FALSE
}
options(timeout = 300)
if (!all(mapply(fetch, wanted[, 1], archives))) quit(status = 1)
tools::write_PACKAGES(contrib, type = "source")
cat(sprintf("       Installing %s\n", paste(wanted[, 1], wanted[, 2])), sep = "")
repository <- paste0("file://", normalizePath(folder))
install.packages(wanted[, 1], lib = library, repos = repository, type = "source", quiet = TRUE)
here <- installed.packages(lib.loc = library)[, c("Package", "Version"), drop = FALSE]
failed <- wanted[!(paste(wanted[, 1], wanted[, 2]) %in% paste(here[, 1], here[, 2])), 1]
if (length(failed) > 0) {
  cat(sprintf(" !     Not installed: %s\n", paste(failed, collapse = ", ")))
  quit(status = 1)
}
