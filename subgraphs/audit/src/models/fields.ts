/** Field definitions that the schemas share. */
export const text = { type: String, required: true };
export const absentable = { type: String };
/** Text that may be empty, which mongoose would take for missing. */
export const emptiable = { type: String, default: '' };
/** An instant as the storage port has them: text. */
export const instant = text;
export const flag = { type: Boolean, required: true };
export const count = { type: Number, required: true, min: 0 };
