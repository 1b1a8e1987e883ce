"""Models: each a scikit-learn estimator from pictures to labels.

The table names the class of each family by its import path, so that nothing is loaded before
it is used.
"""

MODELS = {
    "GaussianNaiveBayes": "hdalr.models.naive_bayes",
    "GaussianClasses": "hdalr.models.gaussian",
    "DecisionTree": "hdalr.models.decision_tree",
    "DiscriminantTree": "hdalr.models.discriminant_tree",
    "RandomForest": "hdalr.models.random_forest",
    "GradientBoosting": "hdalr.models.boosting",
    "SoftTree": "hdalr.models.soft_tree",
    "NearestNeighbours": "hdalr.models.nearest_neighbours",
    "DeformationNeighbours": "hdalr.models.deformation_neighbours",
    "SupportVectorMachine": "hdalr.models.support_vector",
    "SupportVectorSearch": "hdalr.models.support_vector",
    "LinearMachine": "hdalr.models.linear_machine",
    "VirtualSupportMachine": "hdalr.models.virtual_support",
    "NeuralNetwork": "hdalr.models.ann",
    "ConvolutionalNetwork": "hdalr.models.convolutional",
    "RecurrentNetwork": "hdalr.models.recurrent",
    "ConvolutionStack": "hdalr.models.convolution_stack",
    "ConvolutionCommittee": "hdalr.models.committee",
    "MultilayerPerceptron": "hdalr.models.multilayer_perceptron",
    "SweepNetwork": "hdalr.models.sweeps",
}
