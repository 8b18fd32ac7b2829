# Prints, for each CSV named, a line "file<TAB>column<TAB>type", as read.csv sees it without options.
for (file in commandArgs(trailingOnly = TRUE)) {
  table <- read.csv(file)
  for (column in names(table)) {
    values <- table[[column]]
    type <- if (all(is.na(values))) "empty"
            else if (is.logical(values)) "boolean"
            else if (is.numeric(values)) "number"
            else "text"
    cat(basename(file), column, type, sep = "\t")
    cat("\n")
  }
}
