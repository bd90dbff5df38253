# prepare.R IN OUT - the reference preparation in data.table. Without HMAC,
# which R has not: ids are counters here, so this is less work than ours.
suppressMessages(library(data.table))
a <- commandArgs(TRUE)
t <- fread(a[1], colClasses = "character", showProgress = FALSE)
number <- function(x) match(x, unique(x))
person <- number(t$patient_id)
shift <- sample.int(60, max(person), TRUE) - 30L
low <- floor(as.numeric(t$weight) / 5) * 5
code <- substr(t$icd10, 1, 3)
few <- unique(data.table(code, person))[, .N, by = code][N < 10, code]
out <- data.table(pid = sprintf("%026d", person),
	birth_date = substr(t$birth_date, 1, 7), sex = t$sex,
	postcode = substr(t$postcode, 1, 3),
	facility = sprintf("%026d", number(t$facility_code)),
	visit_date = as.IDate(t$visit_date) + shift[person],
	icd10 = fifelse(code %in% few, "その他", code),
	atc = substr(t$atc, 1, 5), points = t$points,
	weight = paste0(low, "-", low + 5),
	sbp = fifelse(as.numeric(t$sbp) > 200, "201以上", t$sbp),
	hba1c = t$hba1c)
k <- unique(data.table(out[, .(birth_date, sex, postcode)], person))
k <- k[, .N, by = .(birth_date, sex, postcode)]
cat("classes", nrow(k), "least", min(k$N), "\n", file = stderr())
fwrite(out, a[2], showProgress = FALSE)
