package families

// Likelies are the kinds of families whose models are Likely. The others' loss is the error of their painting.
var Likelies = []string{"mage", "palette"}
