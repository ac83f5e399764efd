"""Which activities are asked after, and what they are called."""

# Each by its name in the table. Asked because the biology asks them: a list of all transcription
# factors would find some in most experiments.
NAMES = {
    "irf4_targets": "IRF4 targets",
    "myc_targets": "MYC targets",
    "stat3_targets": "STAT3 targets",
    "interferon_response": "interferon response",
    "mapk": "MAPK signalling",
    "nf_kb": "NF-κB signalling",
    "integrated_stress_response": "integrated stress response",
    "e2f_targets": "E2F targets",
}
INTERFERON = "interferon_response"
# The panel's group whose genes the interferon response consists of.
PANEL_GROUP = "interferon"
