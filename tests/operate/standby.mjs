export async function standby() {}
